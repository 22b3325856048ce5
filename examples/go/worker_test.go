package inferencetests

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
)

func TestAPromptIsAnsweredWithFiveTokens(t *testing.T) {
	command := os.Getenv("INFERENCE_TESTKIT")
	if command == "" {
		command = "npx inference-testkit"
	}
	engine, err := StartEngine(strings.Fields(command)...)
	check(t, err)
	defer engine.Close()

	var worker struct{ Worker string }
	check(t, engine.Call("worker.startMock", Params{}, &worker))
	var response struct{ Response string }
	request := Params{"testRequest": Params{"jobId": "job-1", "prompt": "Hello", "maxTokens": 5}}
	check(t, engine.Call("worker.execute", Params{"worker": worker.Worker, "request": request}, &response))
	var events json.RawMessage
	check(t, engine.Call("response.collect", Params{"response": response.Response}, &events))

	check(t, engine.Call("assert", Params{"name": "assertSuccessfulCompletion", "events": events}, nil))
	check(t, engine.Call("assert", Params{"name": "assertTokenCount", "events": events, "expected": 5}, nil))
	check(t, engine.Call("worker.stop", Params{"worker": worker.Worker}, nil))
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
