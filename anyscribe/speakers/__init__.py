"""Who speaks when: voices in a recording's sound are told apart, and the words of its transcript get speakers."""
