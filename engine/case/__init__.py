"""This room reads case files into frozen `Case` values, or one list of problems."""
