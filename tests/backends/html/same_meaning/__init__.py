"""What a person gets of the HTML and of the A2UI of one view is the same.

`html_things` and `a2ui_things` read what the two backends made, each as a person would, and know
nothing of the view; `compare` holds one against the other, up to the two tables of degradations.
"""
