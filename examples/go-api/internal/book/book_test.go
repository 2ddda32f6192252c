package book

import "testing"

func TestAnEntryIsOneLine(t *testing.T) {
	if got := Clean(" so\n  long "); got != "so long" {
		t.Errorf("got %q", got)
	}
}
