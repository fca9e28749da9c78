package report

import (
	"github.com/halocheck/halocheck/probes"
)

// PageStyle is the style sheet of the HTML report, for other pages that are to look like it.
func PageStyle() string { return pageStyle }

// ContentSecurityPolicy is what the browser may do with a page of one style and one script: nothing else, and no address is asked.
func ContentSecurityPolicy(style, script string) string { return contentSecurityPolicy(style, script) }

// StatusSymbol is what stands for a status; colour is never the only sign.
func StatusSymbol(status probes.Status) string { return statusMarks[status].sign }
