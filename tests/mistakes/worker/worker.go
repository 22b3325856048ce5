// The mistake that is Go's: net/http keeps 2 KiB and more until someone flushes.
package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"time"
)

func execute(response http.ResponseWriter, incoming *http.Request) {
	var asked struct {
		JobID string      `json:"job_id"`
		Seed  json.Number `json:"seed"`
	}
	_ = json.NewDecoder(incoming.Body).Decode(&asked)
	response.Header().Set("Content-Type", "text/event-stream")
	send := func(kind string, fields string) {
		fmt.Fprintf(response, "event: %s\ndata: {\"type\":\"%s\",%s}\n\n", kind, kind, fields)
	}
	send("started", fmt.Sprintf(`"job_id":"%s","model":"m","started_at":"2024-01-01T00:00:00Z","seed":%s`, asked.JobID, asked.Seed))
	for index := range 24 {
		time.Sleep(40 * time.Millisecond)
		send("token", fmt.Sprintf(`"t":" %d","i":%d`, index, index))
	}
	send("end", `"tokens_out":24,"decode_time_ms":960,"stop_reason":"eos"`)
}

func main() {
	port, id := os.Args[2], os.Args[4]
	http.HandleFunc("POST /execute", execute)
	http.HandleFunc("GET /health", func(response http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(response, `{"status":"healthy","worker_id":"%s"}`, id)
	})
	fmt.Println(http.ListenAndServe("127.0.0.1:"+port, nil))
}
