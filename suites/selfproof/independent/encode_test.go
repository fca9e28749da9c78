package independent_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
)

// field is one member of a JSON object; objects keep the order in which they were written.
type field struct {
	key   string
	value any
}

type object []field

// raw is JSON that is written as it is.
type raw string

// encode writes a value in the form's way. Values are nil, bool, int, string, raw, object, []any.
func (f form) encode(v any) []byte {
	var b bytes.Buffer
	f.write(&b, v)
	out := b.Bytes()
	if f.Indent {
		var pretty bytes.Buffer
		if json.Indent(&pretty, out, "", "\t") == nil {
			out = append(append([]byte("\r\n"), pretty.Bytes()...), "\r\n"...)
		}
	}
	if f.Mark {
		out = append([]byte("\ufeff"), out...)
	}
	return out
}

func (f form) write(b *bytes.Buffer, v any) {
	switch v := v.(type) {
	case nil:
		b.WriteString("null")
	case bool:
		b.WriteString(strconv.FormatBool(v))
	case int:
		switch f.Numbers {
		case "text":
			fmt.Fprintf(b, "%q", strconv.Itoa(v))
		case "float":
			fmt.Fprintf(b, "%d.0", v)
		default:
			b.WriteString(strconv.Itoa(v))
		}
	case raw:
		b.WriteString(string(v))
	case string:
		f.writeText(b, v)
	case []any:
		b.WriteByte('[')
		for i, item := range v {
			if i > 0 {
				b.WriteByte(',')
			}
			f.write(b, item)
		}
		b.WriteByte(']')
	case object:
		kept := slices.DeleteFunc(slices.Clone(v), func(m field) bool { return m.value == nil && f.Nulls == "left out" })
		if f.Reversed {
			slices.Reverse(kept)
		}
		b.WriteByte('{')
		for i, m := range kept {
			if i > 0 {
				b.WriteByte(',')
			}
			f.writeText(b, m.key)
			b.WriteByte(':')
			f.write(b, m.value)
		}
		b.WriteByte('}')
	default:
		panic(fmt.Sprintf("%T is not written", v))
	}
}

func (f form) writeText(b *bytes.Buffer, s string) {
	text := string(must(json.Marshal(s)))
	if f.Escapes {
		var out strings.Builder
		for _, r := range text {
			if r < 0x80 {
				out.WriteRune(r)
				continue
			}
			for _, unit := range utf16.Encode([]rune{r}) {
				fmt.Fprintf(&out, `\u%04X`, unit)
			}
		}
		text = out.String()
	}
	b.WriteString(text)
}

// answer is one HTTP answer.
type answer struct {
	status int
	label  string // Content-Type; empty: none is sent
	header map[string]string
	body   []byte
}

// send writes an answer.
func (s *server) send(w http.ResponseWriter, req *http.Request, a answer) {
	h := w.Header()
	h.Set("Date", s.now().Add(s.form.Skew).UTC().Format(http.TimeFormat))
	if s.form.Server != "" {
		h.Set("Server", s.form.Server)
	}
	h["Content-Type"] = nil // no guess of net/http's
	if a.label != "" {
		h.Set("Content-Type", a.label)
	}
	for k, v := range a.header {
		h.Set(k, v)
	}
	if s.form.Protocol == "close" {
		h.Set("Connection", "close")
	}
	body := a.body
	if s.form.Compress && len(body) > 0 && strings.Contains(req.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		var packed bytes.Buffer
		z := gzip.NewWriter(&packed)
		_, _ = z.Write(body)
		_ = z.Close()
		body = packed.Bytes()
	}
	if req.Method != http.MethodHead && !s.form.Chunked {
		h.Set("Content-Length", strconv.Itoa(len(body)))
	}
	w.WriteHeader(a.status)
	if s.form.Chunked && len(body) > 1 {
		_, _ = w.Write(body[:len(body)/2])
		_ = http.NewResponseController(w).Flush()
		body = body[len(body)/2:]
	}
	_, _ = w.Write(body)
}

// data is a JSON answer of the API.
func (s *server) data(v any) answer {
	body := s.form.encode(v)
	if s.form.Latin && strings.Contains(s.form.Label, "iso-8859-1") && !s.form.Mark {
		body = latin(body)
	}
	return answer{status: http.StatusOK, label: s.form.Label, body: body}
}

// latin writes text of UTF-8 in ISO 8859-1, with \u escapes for what that lacks.
func latin(body []byte) []byte {
	var out bytes.Buffer
	for _, r := range string(body) {
		if r < 0x100 {
			out.WriteByte(byte(r))
			continue
		}
		for _, unit := range utf16.Encode([]rune{r}) {
			fmt.Fprintf(&out, `\u%04x`, unit)
		}
	}
	return out.Bytes()
}

// refusal is the API's way to say no.
func (s *server) refusal(status int) answer {
	a := answer{status: status, header: map[string]string{}}
	if status == http.StatusUnauthorized && s.form.Challenge != "" {
		a.header["WWW-Authenticate"] = s.form.Challenge
	}
	words := map[int]string{400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 500: "Internal Server Error"}[status]
	switch s.form.ErrorBody {
	case "exception":
		a.label, a.body = s.form.Label, s.form.encode(object{{"ClassName", "System.Exception"}, {"Message", words}, {"Data", nil},
			{"InnerException", nil}, {"StackTraceString", nil}, {"HResult", raw("-2146233088")}})
	case "problem":
		a.label = "application/problem+json"
		a.body = s.form.encode(object{{"type", "https://tools.ietf.org/html/rfc9110"}, {"title", words}, {"status", raw(strconv.Itoa(status))}})
	case "message":
		a.label, a.body = s.form.Label, s.form.encode(object{{"Message", words}})
	case "text":
		a.label, a.body = "text/plain", []byte(words)
	case "string":
		a.label, a.body = s.form.Label, s.form.encode(words)
	}
	return a
}

// page is an HTML page.
func page(status int, title string) answer {
	return answer{status: status, label: "text/html; charset=utf-8",
		body: []byte("<!DOCTYPE html>\n<html lang=\"en\"><head><title>" + title + "</title></head><body><h1>" + title + "</h1></body></html>")}
}

func plain(status int, label, body string) answer {
	return answer{status: status, label: label, body: []byte(body)}
}
