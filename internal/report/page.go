package report

import "github.com/halocheck/halocheck/probes"

// Style is the style sheet of the HTML report, for other pages that are to look like it.
func Style() string { return pageStyle }

// Policy is what the browser may do with a page of one style and one script: nothing else, and no address is asked.
func Policy(style, script string) string { return policy(style, script) }

// Tamed shows every character of a page that a reader must not obey by its number.
func Tamed(page string) string { return tamed(page) }

// Sign is what stands for a status; colour is never the only sign.
func Sign(status probes.Status) string { return marks[status].sign }
