from scripts.restock import TARGET, order_sizes


def test_what_is_missing_up_to_the_target_is_ordered():
    assert order_sizes({"tea": 12, "cocoa": 0}, wanted=20) == {"tea": 8, "cocoa": 20}


def test_a_full_shelf_orders_nothing():
    assert order_sizes({"coffee": 55}) == {}


def test_without_a_wish_the_shops_own_counts():
    assert order_sizes({"tea": 0}) == {"tea": TARGET}
