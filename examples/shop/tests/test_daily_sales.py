from scripts.daily_sales import read_sales, revenue


def row(product, quantity, price):
    return {"product": product, "quantity": quantity, "unit_price": price}


def test_revenue_is_quantity_times_price_by_product():
    rows = [row("tea", "2", "1.50"), row("tea", "1", "1.50"), row("coffee", "4", "3.00")]
    assert revenue(rows) == {"tea": 4.5, "coffee": 12.0}


def test_no_sales_give_no_totals():
    assert revenue([]) == {}


def test_the_header_is_not_a_sale(tmp_path):
    path = tmp_path / "sales.csv"
    path.write_text("product,quantity,unit_price\ntea,1,2.00\n")
    assert [each["product"] for each in read_sales(path)] == ["tea"]
