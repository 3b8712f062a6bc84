# Seeks the words of WORDS in the environment, one on a line.

BEGIN { total = split(ENVIRON["WORDS"], words, "\n") }

# Prints `F PLACE` where a text has one of the words, and `W WORD`, each once for a place. Without a place, `F` is printed already.
function seek(place, text,   i) {
  for (i = 1; i <= total; i++) {
    if ((place, i) in found || words[i] == "" || !index(text, words[i])) continue
    if (place != "" && place != last) print "F\t" place
    last = place
    found[place, i] = 1
    print "W\t" words[i]
  }
}
