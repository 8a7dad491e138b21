// Command server answers list and watch of pods from bytes made beforehand, so that a benchmark measures its client.
// It serves plain HTTP on loopback, prints one line of JSON with its address, and ends when its standard input does.
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
	"strconv"

	corev1 "k8s.io/api/core/v1"
)

func main() {
	count := flag.Int("pods", 10_000, "pods in the list")
	burst := flag.Int("burst", 20_000, "MODIFIED events that POST /burst can send")
	flag.Parse()
	served, err := newServer(*count, *burst)
	if err != nil {
		log.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	ready := map[string]any{
		"url": "http://" + listener.Addr().String(), "pods": *count, "burst": *burst,
		"json_bytes": len(served.json.list), "protobuf_bytes": len(served.protobuf.list), "bytes_per_pod": len(served.json.list) / *count,
	}
	if err := json.NewEncoder(os.Stdout).Encode(ready); err != nil {
		log.Fatal(err)
	}
	log.Fatal(http.Serve(listener, served.routes()))
}

func newServer(count, burst int) (*server, error) {
	pods := make([]*corev1.Pod, count)
	for place := range pods {
		pods[place] = makePod(place, place+1)
	}
	// Events go over the pods in turn: each is a container's restart, as a kubelet reports it.
	events := make([]*corev1.Pod, burst)
	for i := range events {
		place := i % count
		events[i] = makePod(place, count+1+i)
		status := &events[i].Status.ContainerStatuses[0]
		status.RestartCount += int32(1 + i/count)
		status.ContainerID = fmt.Sprintf("containerd://%064x", i)
	}
	inJSON, err := newEncoding(jsonType, pods, events)
	if err != nil {
		return nil, err
	}
	inProtobuf, err := newEncoding(protobufType, pods, events)
	if err != nil {
		return nil, err
	}
	return &server{json: inJSON, protobuf: inProtobuf, streams: newHub()}, nil
}

func number(text string) int {
	value, err := strconv.Atoi(text)
	if err != nil {
		return 0
	}
	return value
}
