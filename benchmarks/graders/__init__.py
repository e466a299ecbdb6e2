"""Other graders, given the course's own notebooks; each runs one bad submission in the cage."""
