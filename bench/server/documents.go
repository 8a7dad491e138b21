package main

import (
	"bytes"
	"fmt"
	"strconv"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/utils/ptr"
)

const (
	jsonType     = "application/json"
	protobufType = "application/vnd.kubernetes.protobuf"
)

// encoding holds every answer in one media type, made before the first request. Watch events are framed, one slice each.
type encoding struct {
	mediaType string
	info      runtime.SerializerInfo
	count     int
	version   int

	list    []byte
	initial [][]byte
	burst   [][]byte
	mark    [][]byte // the bookmark that an open watch is sent from time to time
	pages   map[[2]int][]byte
}

func newEncoding(mediaType string, pods []*corev1.Pod, events []*corev1.Pod) (*encoding, error) {
	info, found := runtime.SerializerInfoForMediaType(scheme.Codecs.SupportedMediaTypes(), mediaType)
	if !found {
		return nil, fmt.Errorf("no serializer for %s", mediaType)
	}
	e := &encoding{mediaType: mediaType, info: info, count: len(pods), version: len(pods), pages: map[[2]int][]byte{}}
	var err error
	if e.list, err = e.encodeList(pods, ""); err != nil {
		return nil, err
	}
	if e.initial, err = e.encodeEvents("ADDED", pods); err != nil {
		return nil, err
	}
	if e.burst, err = e.encodeEvents("MODIFIED", events); err != nil {
		return nil, err
	}
	mark := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{ResourceVersion: strconv.Itoa(e.version)}}
	if e.mark, err = e.encodeEvents("BOOKMARK", []*corev1.Pod{mark}); err != nil {
		return nil, err
	}
	mark.Annotations = map[string]string{metav1.InitialEventsAnnotationKey: "true"}
	bookmark, err := e.encodeEvents("BOOKMARK", []*corev1.Pod{mark})
	e.initial = append(e.initial, bookmark...)
	return e, err
}

func (e *encoding) name() string {
	if e.mediaType == jsonType {
		return "json"
	}
	return "protobuf"
}

func (e *encoding) encoder() runtime.Encoder {
	return scheme.Codecs.EncoderForVersion(e.info.Serializer, corev1.SchemeGroupVersion)
}

func (e *encoding) encodeList(pods []*corev1.Pod, next string) ([]byte, error) {
	meta := metav1.ListMeta{ResourceVersion: strconv.Itoa(e.version), Continue: next}
	if start, err := strconv.Atoi(next); err == nil {
		meta.RemainingItemCount = ptr.To(int64(e.count - start))
	}
	list := &corev1.PodList{ListMeta: meta}
	for _, pod := range pods {
		list.Items = append(list.Items, *pod)
	}
	return runtime.Encode(e.encoder(), list)
}

func (e *encoding) encodeEvents(kind string, pods []*corev1.Pod) ([][]byte, error) {
	stream := e.info.StreamSerializer.Serializer
	object := e.encoder()
	frames := make([][]byte, 0, len(pods))
	for _, pod := range pods {
		raw, err := runtime.Encode(object, pod)
		if err != nil {
			return nil, err
		}
		var frame bytes.Buffer
		event := &metav1.WatchEvent{Type: kind, Object: runtime.RawExtension{Raw: bytes.TrimRight(raw, "\n")}}
		if err := stream.Encode(event, e.info.StreamSerializer.NewFrameWriter(&frame)); err != nil {
			return nil, err
		}
		frames = append(frames, frame.Bytes())
	}
	return frames, nil
}

// page returns one page of the list; pages are made when first asked for and kept. The continue token is the next place.
func (e *encoding) page(start, limit int) ([]byte, error) {
	asked := [2]int{start, limit}
	if body, made := e.pages[asked]; made {
		return body, nil
	}
	end, next := start+limit, strconv.Itoa(start+limit)
	if end >= e.count {
		end, next = e.count, ""
	}
	body, err := e.encodeList(makePods(start, end), next)
	e.pages[asked] = body
	return body, err
}
