from healer.nights import Difference


def test_a_difference_reads_as_a_sentence():
    one = Difference("empty", "out/rates.csv", "", "rate", "column `rate` is empty in 3 of 31 rows")
    assert one.sentence == "`out/rates.csv`: column `rate` is empty in 3 of 31 rows"
    other = Difference("rows", "out.json", "items", "", "no rows")
    assert other.sentence == "`out.json`, items: no rows"
