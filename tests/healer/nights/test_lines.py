from healer.nights.lines import read_lines


def test_lines_of_one_form_are_a_table():
    tables = read_lines("fetched 3 of 4 pages\nfetched 4 of 4 pages\ndone\n").tables
    assert tables["fetched # of # pages"].rows == (("3", "4"), ("4", "4"))
    assert tables["done"].rows == ((),)


def test_named_values_are_one_row():
    table = read_lines("Orders: 12\nTotal = 47.50 EUR\nNightly report\n").tables[""]
    assert table.columns == ("Orders", "Total")
    assert table.rows == (("12", "47.50 EUR"),)


def test_a_named_sentence_with_numbers_is_read_word_by_word():
    table = read_lines("most: A-117 with 59.75\nPlace: Bad Ischl am See\n").tables[""]
    assert table.columns == ("most 1", "most 2", "most 3", "Place")
    assert table.rows == (("A-117", "with", "59.75", "Bad Ischl am See"),)


def test_separators_make_columns():
    table = read_lines("a | 1 | x\nb | 2 | y\nc | 3 |\n").tables["lines of 3 by '|'"]
    assert table.column("2") == ["1", "2", "3"]
    assert table.column("3") == ["x", "y", None]


def test_a_comma_in_two_sentences_makes_no_table():
    tables = read_lines("Hello, Ana\nBye, Ben\n").tables
    assert set(tables) == {"Hello, Ana", "Bye, Ben"}


def test_no_lines_give_no_tables():
    assert not read_lines(" \n\n").tables
