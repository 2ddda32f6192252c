// Package book is the guest book's HTTP interface.
package book

import (
	_ "embed"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"strings"
)

const (
	key     = "guestbook"
	longest = 1 << 10
	listed  = "19"
)

//go:embed page.txt
var page string

// Store is what the book needs of Redis.
type Store interface {
	Do(words ...string) ([]string, error)
}

// Handler answers requests to a book that lies in store.
func Handler(store Store, version string) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		if _, err := store.Do("PING"); err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
		}
	})
	mux.HandleFunc("GET /about", func(w http.ResponseWriter, _ *http.Request) {
		write(w, map[string]any{"version": version, "uid": os.Getuid(), "memory": os.Getenv("GOMEMLIMIT"), "page": page})
	})
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		entries, err := store.Do("LRANGE", key, "0", listed)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		write(w, entries)
	})
	mux.HandleFunc("POST /{$}", func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, longest))
		entry := Clean(string(body))
		if err != nil || entry == "" {
			http.Error(w, "an entry has 1 to 1024 bytes", http.StatusBadRequest)
			return
		}
		if _, err := store.Do("LPUSH", key, entry); err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		w.WriteHeader(http.StatusCreated)
	})
	return mux
}

// Clean is an entry on one line.
func Clean(entry string) string {
	return strings.Join(strings.Fields(entry), " ")
}

func write(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(value)
}
