"""The grader's side of the trust boundary: start workers, talk to them, end them."""
