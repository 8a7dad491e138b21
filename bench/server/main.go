// Command server answers list and watch of pods from bytes made beforehand, so that a benchmark measures its client.
// It serves plain HTTP and TLS on loopback, prints one line of JSON with its addresses, and ends when its standard input does.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
)

func main() {
	count := flag.Int("pods", 10_000, "pods in the list")
	burst := flag.Int("burst", 20_000, "MODIFIED events that POST /burst can send")
	types := flag.String("types", "json,protobuf", "what to prepare answers in")
	bookmarks := flag.Duration("bookmarks", time.Minute, "how often an open watch is sent a bookmark")
	flag.Parse()
	served, err := newServer(*count, *burst, *types)
	if err != nil {
		log.Fatal(err)
	}
	served.bookmarks = *bookmarks
	debug.FreeOSMemory()
	plain, encrypted := listen(), listen()
	certificate, authority, err := selfSigned()
	if err != nil {
		log.Fatal(err)
	}
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	ready := map[string]any{
		"url": "http://" + plain.Addr().String(), "tls_url": "https://" + encrypted.Addr().String(), "ca": authority,
		"pods": *count, "burst": *burst,
	}
	for _, each := range []*encoding{served.json, served.protobuf} {
		if each != nil {
			ready[each.name()+"_bytes"] = len(each.list)
		}
	}
	if err := json.NewEncoder(os.Stdout).Encode(ready); err != nil {
		log.Fatal(err)
	}
	secure := &http.Server{Handler: served.routes(), TLSConfig: certificate, ErrorLog: log.New(io.Discard, "", 0)}
	go func() { log.Fatal(secure.ServeTLS(encrypted, "", "")) }()
	log.Fatal(http.Serve(plain, served.routes()))
}

func listen() net.Listener {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	return listener
}

func newServer(count, burst int, types string) (*server, error) {
	pods := makePods(0, count)
	// Events go over the pods in turn: each is a container's restart, as a kubelet reports it.
	events := make([]*corev1.Pod, burst)
	for i := range events {
		place := i % count
		events[i] = makePod(place, count+1+i)
		status := &events[i].Status.ContainerStatuses[0]
		status.RestartCount += int32(1 + i/count)
		status.ContainerID = fmt.Sprintf("containerd://%064x", i)
	}
	served := &server{streams: newHub(), last: count, events: burst}
	var err error
	for _, name := range strings.Split(types, ",") {
		switch name {
		case "json":
			served.json, err = newEncoding(jsonType, pods, events)
		case "protobuf":
			served.protobuf, err = newEncoding(protobufType, pods, events)
		default:
			err = fmt.Errorf("--types: %q is neither json nor protobuf", name)
		}
		if err != nil {
			return nil, err
		}
	}
	return served, nil
}

func number(text string) int {
	value, err := strconv.Atoi(text)
	if err != nil {
		return 0
	}
	return value
}
