// POST /v1/responses: four tokens in one write, and no handler for signals.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"time"
)

func respond(response http.ResponseWriter, incoming *http.Request) {
	var asked struct {
		MaxOutputTokens int `json:"max_output_tokens"`
	}
	_ = json.NewDecoder(incoming.Body).Decode(&asked)
	response.Header().Set("Content-Type", "text/event-stream")
	var pending bytes.Buffer
	write := func(kind string, fields map[string]any) {
		fields["type"] = kind
		data, _ := json.Marshal(fields)
		fmt.Fprintf(&pending, "event: %s\ndata: %s\n\n", kind, data)
	}
	flush := func() {
		_, _ = pending.WriteTo(response)
		response.(http.Flusher).Flush()
	}
	write("response.created", map[string]any{"response": map[string]any{"status": "in_progress"}})
	count := min(asked.MaxOutputTokens, 24)
	for index := range count {
		time.Sleep(10 * time.Millisecond)
		write("response.output_text.delta", map[string]any{"output_index": 0, "delta": fmt.Sprintf(" wörd%d", index)})
		if index%4 == 3 {
			flush()
		}
	}
	result := map[string]any{"object": "response", "status": "completed", "usage": map[string]any{"output_tokens": count}}
	kind := "response.completed"
	if count < 24 {
		kind, result["status"] = "response.incomplete", "incomplete"
		result["incomplete_details"] = map[string]any{"reason": "max_output_tokens"}
	}
	write(kind, map[string]any{"response": result})
	flush()
}

func main() {
	http.HandleFunc("POST /v1/responses", respond)
	http.HandleFunc("GET /health", func(response http.ResponseWriter, _ *http.Request) { fmt.Fprint(response, "ok") })
	http.HandleFunc("GET /v1/models", func(response http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(response, `{"object":"list","data":[{"id":"m"}]}`)
	})
	fmt.Println(http.ListenAndServe("127.0.0.1:"+os.Args[1], nil))
}
