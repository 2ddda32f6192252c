// A guest book: what is posted to / is kept in Redis, and the last entries are listed.
package main

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"example.com/guestbook/internal/book"
	"example.com/guestbook/internal/redis"
)

const address = ":8080"

var version = "unknown" // the linker sets it

func main() {
	if len(os.Args) > 1 && os.Args[1] == "health" {
		os.Exit(health())
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	if err := serve(ctx); err != nil {
		slog.Error("stopped", "error", err)
		os.Exit(1)
	}
}

func serve(ctx context.Context) error {
	store := redis.Client{Address: os.Getenv("REDIS_ADDRESS")}
	server := http.Server{
		Addr:              address,
		Handler:           book.Handler(store, version),
		ReadHeaderTimeout: 5 * time.Second,
	}
	stopped := make(chan error, 1)
	go func() {
		<-ctx.Done()
		deadline, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		stopped <- server.Shutdown(deadline)
	}()
	slog.Info("listening", "address", address, "version", version)
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return <-stopped
}

// health is the image's health check: it has no shell and no curl, so the binary asks itself.
func health() int {
	client := http.Client{Timeout: 2 * time.Second}
	answer, err := client.Get("http://127.0.0.1" + address + "/healthz")
	if err != nil || answer.StatusCode != http.StatusOK {
		return 1
	}
	return 0
}
