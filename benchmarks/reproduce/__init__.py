"""Train every system of the course at full length, and set it beside the published figures."""
