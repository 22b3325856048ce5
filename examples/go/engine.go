// Package inferencetests shows how a language without a client of its own uses the engine: JSON-RPC, one JSON object per line.
package inferencetests

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
)

// Engine is a running `inference-testkit serve`. It ends, with every worker, when this process ends for any reason.
type Engine struct {
	command *exec.Cmd
	stdin   io.WriteCloser
	mutex   sync.Mutex
	lastID  int
	waiting map[int]chan answer // nil when the engine has ended
}

// Params are the params of a call by name.
type Params map[string]any

type answer struct {
	ID     *int            `json:"id"`
	Result json.RawMessage `json:"result"`
	Error  *struct {
		Message string `json:"message"`
	} `json:"error"`
}

// StartEngine starts the command with the argument "serve".
func StartEngine(command ...string) (*Engine, error) {
	command = append(command, "serve")
	engine := &Engine{command: exec.Command(command[0], command[1:]...), waiting: map[int]chan answer{}}
	engine.command.Stderr = os.Stderr
	stdin, err := engine.command.StdinPipe()
	if err != nil {
		return nil, err
	}
	stdout, err := engine.command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	engine.stdin = stdin
	if err := engine.command.Start(); err != nil {
		return nil, err
	}
	go engine.read(stdout)
	return engine, engine.Call("initialize", Params{"protocolVersion": 1, "processId": os.Getpid()}, nil)
}

// Call calls a method and decodes its result. Calls may run at the same time.
func (engine *Engine) Call(method string, params Params, result any) error {
	reply := make(chan answer, 1)
	if err := engine.send(method, params, reply); err != nil {
		return fmt.Errorf("%s: %w", method, err)
	}
	got, isOpen := <-reply
	if !isOpen {
		return fmt.Errorf("%s: the engine has ended", method)
	}
	if got.Error != nil {
		return fmt.Errorf("%s: %s", method, got.Error.Message)
	}
	if result == nil {
		return nil
	}
	decoder := json.NewDecoder(bytes.NewReader(got.Result))
	decoder.UseNumber() // seeds are u64
	return decoder.Decode(result)
}

func (engine *Engine) send(method string, params Params, reply chan answer) error {
	engine.mutex.Lock()
	defer engine.mutex.Unlock()
	if engine.waiting == nil {
		return errors.New("the engine has ended")
	}
	engine.lastID++
	engine.waiting[engine.lastID] = reply
	line, err := json.Marshal(Params{"jsonrpc": "2.0", "id": engine.lastID, "method": method, "params": params})
	if err == nil {
		_, err = engine.stdin.Write(append(line, '\n'))
	}
	return err
}

// Close stops every worker and ends the engine.
func (engine *Engine) Close() error {
	err := engine.Call("shutdown", Params{}, nil)
	engine.stdin.Close()
	engine.command.Wait()
	return err
}

func (engine *Engine) read(stdout io.Reader) {
	lines := bufio.NewReader(stdout) // a Scanner would limit the length of a line
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			break
		}
		var got answer
		if json.Unmarshal(line, &got) == nil && got.ID != nil {
			engine.mutex.Lock()
			engine.waiting[*got.ID] <- got
			delete(engine.waiting, *got.ID)
			engine.mutex.Unlock()
		}
	}
	engine.mutex.Lock()
	defer engine.mutex.Unlock()
	for _, reply := range engine.waiting {
		close(reply)
	}
	engine.waiting = nil
}
