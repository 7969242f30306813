// A server of net/http with TLS, which counts the requests that it answers.
//
// It prints its address. On SIGTERM it shuts down gracefully (Server.Shutdown), prints its count,
// and ends. On SIGHUP it does the same after a new server began to serve the address, and goes on.
// On SIGUSR1 it only prints its count.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

var counted atomic.Int64

func answer(w http.ResponseWriter, r *http.Request) {
	counted.Add(1)
	body, _ := io.ReadAll(r.Body)
	path := "/" + strings.Trim(r.URL.Path, "/") // hrp appends a slash
	switch path {
	case "/away":
		http.Redirect(w, r, "/arrived", http.StatusFound)
		return
	case "/login":
		http.SetCookie(w, &http.Cookie{Name: "sid", Value: "s1", Path: "/"})
	case "/large":
		size, _ := strconv.Atoi(r.URL.Query().Get("size"))
		w.Write(make([]byte, size))
		return
	case "/abort":
		panic(http.ErrAbortHandler)
	case "/slow":
		time.Sleep(20 * time.Millisecond)
	case "/trailer":
		w.Header().Set("Trailer", "X-Sum")
		defer w.Header().Set("X-Sum", "1")
	}
	w.Header().Set("Content-Type", "application/json")
	cookie := ""
	if one, err := r.Cookie("sid"); err == nil {
		cookie = one.Value
	}
	json.NewEncoder(w).Encode(map[string]any{
		"proto": r.Proto, "method": r.Method, "path": path, "size": len(body), "sid": cookie,
		"length": r.ContentLength, "token": "tok-1",
	})
}

func listen(address string) net.Listener {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		panic(err)
	}
	return listener
}

func serve(listener net.Listener) *http.Server {
	server := &http.Server{Handler: http.HandlerFunc(answer)}
	go server.ServeTLS(listener, os.Args[1], os.Args[2])
	return server
}

func main() {
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGUSR1)
	listener := listen("127.0.0.1:0")
	server := serve(listener)
	address := listener.Addr().String()
	fmt.Println(address)
	for {
		told := <-signals
		if told == syscall.SIGUSR1 {
			fmt.Println(counted.Load())
			continue
		}
		// Shutdown closes the listener at once; clients that reconnect are to find the next one.
		old := server
		if told == syscall.SIGHUP {
			listener.Close()
			listener = listen(address)
			server = serve(listener)
		}
		old.Shutdown(context.Background())
		fmt.Println(counted.Load())
		if told == syscall.SIGTERM {
			return
		}
	}
}
