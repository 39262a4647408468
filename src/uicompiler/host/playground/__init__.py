"""A conversation under a magnifier: every entry of its log, and what it led to.

Pages for whoever builds an app, made on the server, without script. Nothing here changes anything;
what a conversation's own page may not show, such as tokens and nonces, is not in the log either.
"""
