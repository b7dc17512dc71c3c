// A receiver of OTLP over HTTP that decodes with the OpenTelemetry Collector's own decoder and answers as its OTLP
// receiver does. It prints its port; GET /taken says what it took.
package main

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"

	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"
)

// The Collector's default of max_request_body_size.
const maxBody = 20 * 1024 * 1024

type taken struct {
	sync.Mutex
	// Ordinary spans by name, and how many others.
	Ordinary map[string]int `json:"ordinary"`
	Others   int            `json:"others"`
	Refused  []string       `json:"refused"`
}

var books = taken{Ordinary: map[string]int{}, Refused: []string{}}

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	http.HandleFunc("/v1/traces", receive)
	http.HandleFunc("/taken", func(w http.ResponseWriter, _ *http.Request) {
		books.Lock()
		defer books.Unlock()
		_ = json.NewEncoder(w).Encode(&books)
	})
	// Ends with the process that started it.
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	fmt.Println(listener.Addr().(*net.TCPAddr).Port)
	_ = http.Serve(listener, nil)
}

func receive(w http.ResponseWriter, r *http.Request) {
	isProtobuf := strings.Contains(r.Header.Get("content-type"), "protobuf")
	var reader io.Reader = r.Body
	if r.Header.Get("content-encoding") == "gzip" {
		unzipped, err := gzip.NewReader(r.Body)
		if err != nil {
			refuse(w, isProtobuf, http.StatusBadRequest, err)
			return
		}
		reader = unzipped
	}
	body, err := io.ReadAll(io.LimitReader(reader, maxBody+1))
	if err != nil {
		refuse(w, isProtobuf, http.StatusBadRequest, err)
		return
	}
	if len(body) > maxBody {
		refuse(w, isProtobuf, http.StatusRequestEntityTooLarge, fmt.Errorf("http: request body too large"))
		return
	}
	request := ptraceotlp.NewExportRequest()
	if isProtobuf {
		err = request.UnmarshalProto(body)
	} else {
		err = request.UnmarshalJSON(body)
	}
	if err != nil {
		refuse(w, isProtobuf, http.StatusBadRequest, err)
		return
	}
	take(request)
	w.Header().Set("content-type", r.Header.Get("content-type"))
	response := ptraceotlp.NewExportResponse()
	var answer []byte
	if isProtobuf {
		answer, _ = response.MarshalProto()
	} else {
		answer, _ = response.MarshalJSON()
	}
	_, _ = w.Write(answer)
}

func take(request ptraceotlp.ExportRequest) {
	books.Lock()
	defer books.Unlock()
	resources := request.Traces().ResourceSpans()
	for i := 0; i < resources.Len(); i++ {
		scopes := resources.At(i).ScopeSpans()
		for j := 0; j < scopes.Len(); j++ {
			spans := scopes.At(j).Spans()
			for k := 0; k < spans.Len(); k++ {
				if name := spans.At(k).Name(); strings.HasPrefix(name, "ordinary-") {
					books.Ordinary[name]++
				} else {
					books.Others++
				}
			}
		}
	}
}

// A google.rpc.Status with INVALID_ARGUMENT, as the Collector answers.
func refuse(w http.ResponseWriter, isProtobuf bool, status int, err error) {
	books.Lock()
	books.Refused = append(books.Refused, err.Error())
	books.Unlock()
	if isProtobuf {
		message := []byte(err.Error())
		if len(message) > 127 {
			message = message[:127]
		}
		w.Header().Set("content-type", "application/x-protobuf")
		w.WriteHeader(status)
		_, _ = w.Write(append([]byte{0x08, 3, 0x12, byte(len(message))}, message...))
		return
	}
	w.Header().Set("content-type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"code": 3, "message": err.Error()})
}
