"""`healer web`: what `healer review` and `show` say, as pages and as JSON, for this machine."""
