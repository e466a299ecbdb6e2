"""Write the course's jazz solos by a small grammar.

    tune    -> chorus chorus ...                       a form, a key, a tempo, a seed
    chorus  -> phrase phrase ...                       by a plan of the form, such as A A B
    phrase  -> opening bar, running bars, closing bar  a rhythm for each; the close breathes
             | an earlier phrase of the chorus         its degrees, over the chords now sounding
    bar     -> goals and ways                          a goal is a chord tone on beat 1 or 3
    way     -> scale run | broken chord | neighbours | enclosure | chromatic approach
                                                        from one goal to the next, by small steps

`forms` has the chords, `rhythms` the bars, `lines` goals and ways, `solo` phrases and choruses,
`midi` writes the files.
"""
