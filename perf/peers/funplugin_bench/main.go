// Measure calls per second through one funppy process, with HttpRunner's own client over gRPC.
// The last line on stdout is JSON; go-plugin writes its log there, too.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/httprunner/funplugin"
	"github.com/rs/zerolog"
)

func main() {
	callers := flag.Int("callers", 100, "goroutines that call in a closed loop")
	seconds := flag.Float64("seconds", 2, "how long")
	python := flag.String("python", "python3", "an interpreter that has funppy")
	path := flag.String("plugin", "echo.py", "the plugin's file")
	flag.Parse()

	// hrp boom sets this level, too; otherwise the client logs a line for each call.
	zerolog.SetGlobalLevel(zerolog.WarnLevel)
	plugin, err := funplugin.Init(*path, funplugin.WithPython3(*python))
	if err != nil {
		log.Fatal(err)
	}
	calls, elapsed, failed := measure(plugin, *callers, *seconds)
	_ = plugin.Quit()
	_ = json.NewEncoder(os.Stdout).Encode(map[string]any{
		"callers":          *callers,
		"failed":           failed,
		"calls_per_second": int(float64(calls) / elapsed),
	})
	if failed > 0 {
		fmt.Fprintln(os.Stderr, failed, "calls failed")
		os.Exit(1)
	}
}

func measure(plugin funplugin.IPlugin, callers int, seconds float64) (int64, float64, int64) {
	var calls, failed atomic.Int64
	var done sync.WaitGroup
	start := time.Now()
	until := start.Add(time.Duration(seconds * float64(time.Second)))
	for range callers {
		done.Add(1)
		go func() {
			defer done.Done()
			for time.Now().Before(until) {
				if answer, err := plugin.Call("echo", "hello"); err != nil || answer != "hello" {
					failed.Add(1)
				} else {
					calls.Add(1)
				}
			}
		}()
	}
	done.Wait()
	return calls.Load(), time.Since(start).Seconds(), failed.Load()
}
