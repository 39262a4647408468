"""Running directives on a state: the rules of draft and committed, all or nothing each."""
