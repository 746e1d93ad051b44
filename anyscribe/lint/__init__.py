"""Judge subtitles of anybody by a publisher's rules, and mend what needs no other words.

Nothing here opens a file or listens: what a recording tells is passed in (`sound.Sound`).
"""
