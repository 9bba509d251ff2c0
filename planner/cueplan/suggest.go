package cueplan

import (
	"fmt"
	"strings"

	"github.com/agnivade/levenshtein"
)

// nearest returns the candidate that have is most likely a slip of, "" if none
// is near: at most a third of the letters differ.
func nearest(have string, candidates []string) string {
	best, distance := "", 1+(len(have)+2)/3
	for _, c := range candidates {
		n := levenshtein.ComputeDistance(strings.ToLower(have), strings.ToLower(c))
		if n < distance {
			best, distance = c, n
		}
	}
	return best
}

// didYouMean is a hint for a name that is not among the candidates.
func didYouMean(have string, candidates []string) string {
	if len(have) > 64 {
		return ""
	}
	if n := nearest(have, candidates); n != "" {
		return fmt.Sprintf("did you mean %q?", n)
	}
	return ""
}
