// POST /api/generate: lines of JSON, each flushed, with the defaults of net/http.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

type request struct {
	Options struct {
		NumPredict int `json:"num_predict"`
	} `json:"options"`
}

func generate(response http.ResponseWriter, incoming *http.Request) {
	var asked request
	if err := json.NewDecoder(incoming.Body).Decode(&asked); err != nil {
		http.Error(response, `{"error":"invalid JSON"}`, http.StatusBadRequest)
		return
	}
	response.Header().Set("Content-Type", "application/x-ndjson")
	lines := json.NewEncoder(response)
	send := func(line map[string]any) {
		line["model"], line["created_at"] = "m", time.Now().UTC().Format(time.RFC3339Nano)
		_ = lines.Encode(line)
		response.(http.Flusher).Flush()
	}
	started, count, reason := time.Now(), min(asked.Options.NumPredict, 24), "stop"
	if count < 24 {
		reason = "length"
	}
	for index := range count {
		select {
		case <-incoming.Context().Done():
			return
		case <-time.After(10 * time.Millisecond):
		}
		send(map[string]any{"response": fmt.Sprintf(" wörd%d", index), "done": false})
	}
	send(map[string]any{"response": "", "done": true, "done_reason": reason, "eval_count": count,
		"eval_duration": time.Since(started).Nanoseconds()})
}

func main() {
	http.HandleFunc("POST /api/generate", generate)
	http.HandleFunc("GET /api/version", func(response http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(response, `{"version":"0.1.0"}`)
	})
	http.HandleFunc("GET /api/tags", func(response http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(response, `{"models":[{"name":"m:latest"}]}`)
	})
	server := &http.Server{Addr: "127.0.0.1:" + os.Args[1]}
	stopping, release := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer release()
	go func() {
		<-stopping.Done()
		_ = server.Shutdown(context.Background())
	}()
	if err := server.ListenAndServe(); err != http.ErrServerClosed {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
