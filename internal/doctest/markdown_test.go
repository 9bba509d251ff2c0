package doctest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// block is one fenced block. line is that of its first line of text, counted
// from one.
type block struct {
	line int
	lang string
	text []string
}

// blocks returns a page's fenced blocks, of which an indented one loses the
// fence's indentation.
func blocks(page string) ([]block, error) {
	var all []block
	var open *block
	fence, indent := "", ""
	for i, line := range strings.Split(page, "\n") {
		bare := strings.TrimLeft(line, " ")
		ticks := bare[:len(bare)-len(strings.TrimLeft(bare, "`"))]
		switch {
		case open == nil && len(ticks) >= 3:
			fence, indent = ticks, line[:len(line)-len(bare)]
			lang, _, _ := strings.Cut(strings.TrimSpace(bare[len(ticks):]), " ")
			open = &block{line: i + 2, lang: lang}
		case open != nil && len(ticks) >= len(fence) && strings.TrimSpace(bare) == ticks:
			all, open = append(all, *open), nil
		case open != nil:
			open.text = append(open.text, strings.TrimPrefix(line, indent))
		}
	}
	if open != nil {
		return nil, fmt.Errorf("line %d: the block is never closed", open.line-1)
	}
	return all, nil
}

// edit replaces some lines of a page, from line on, by a text.
type edit struct {
	line, lines int
	text        string
}

// rewrite applies edits, which are in the order of the page.
func rewrite(page string, edits []edit) string {
	lines := strings.Split(page, "\n")
	for _, e := range slices.Backward(edits) { // from the end: line numbers stay
		var text []string
		if e.text != "" {
			text = strings.Split(strings.TrimRight(e.text, "\n"), "\n")
		}
		lines = slices.Replace(lines, e.line-1, e.line-1+e.lines, text...)
	}
	return strings.Join(lines, "\n")
}

func TestRewrite(t *testing.T) {
	got := rewrite("1\n2\n3\n4\n5", []edit{{2, 1, "two\nzwei\n"}, {4, 0, "new\n"}, {5, 1, ""}})
	if want := "1\ntwo\nzwei\n3\nnew\n4"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestBlocksOfAPage(t *testing.T) {
	page := "# Title\n\n```sh\nls\n```\nInline ```ticks``` do not count.\n- item\n  ```cue\n  a: 1\n    b: 2\n  ```\n````text\n```\n````\n"
	got, err := blocks(page)
	if err != nil {
		t.Fatal(err)
	}
	want := `[{4 sh [ls]} {9 cue [a: 1   b: 2]} {13 text [` + "```" + `]}]`
	if s := fmt.Sprint(got); s != want {
		t.Errorf("got %s\nwant %s", s, want)
	}
	if _, err := blocks("a\n```sh\nls\n"); err == nil || !strings.Contains(err.Error(), "line 2") {
		t.Errorf("an open block: got %v", err)
	}
}
