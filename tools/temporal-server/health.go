package main

import (
	"context"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"
)

const healthTimeout = 2 * time.Second

type healthServer struct {
	http  *http.Server
	check atomic.Pointer[func(context.Context) error]
}

// serveHealth answers GET /health with 503 until the server is ready. The server's own gRPC health
// service cannot say that: it does not know which namespace and search attributes are needed.
func serveHealth(port int) (*healthServer, error) {
	listener, err := listen(port)
	if err != nil {
		return nil, err
	}
	health := &healthServer{}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /health", health.answer)
	health.http = &http.Server{Handler: mux, ReadHeaderTimeout: healthTimeout}
	go func() { _ = health.http.Serve(listener) }()
	return health, nil
}

func (h *healthServer) becomeReady(check func(context.Context) error) { h.check.Store(&check) }

func (h *healthServer) close() { _ = h.http.Close() }

func (h *healthServer) answer(response http.ResponseWriter, request *http.Request) {
	check := h.check.Load()
	if check == nil {
		http.Error(response, "starting", http.StatusServiceUnavailable)
		return
	}
	ctx, cancel := context.WithTimeout(request.Context(), healthTimeout)
	defer cancel()
	if err := (*check)(ctx); err != nil {
		http.Error(response, err.Error(), http.StatusServiceUnavailable)
		return
	}
	fmt.Fprintln(response, "ready")
}
