package fhir

// Link is a link of a Bundle.
type Link struct{ Relation, URL string }

// BundleHead is what a Bundle says before its entries.
type BundleHead struct {
	ID      string
	Updated int64  // milliseconds since 1970
	Type    string // searchset, history
	Total   int64  // -1 when it is not said
	Links   []Link // those without address are left out
}

// Mode is why a resource is in a Bundle. ref: FHIR R4 valueset-search-entry-mode
type Mode string

// The modes.
const (
	Match     Mode = "match"
	Included  Mode = "include"
	OfOutcome Mode = "outcome"
)

// Bundle writes a Bundle around resources that its caller writes.
type Bundle struct {
	w         *Writer
	all, list Mark
	entry     Mark
}

// BeginBundle writes the beginning of a Bundle.
func BeginBundle(w *Writer, h *BundleHead) Bundle {
	b := Bundle{w: w, all: w.Object("")}
	w.String("resourceType", "Bundle")
	w.String("id", h.ID)
	if h.Updated != 0 {
		m := w.Object("meta")
		w.Instant("lastUpdated", h.Updated)
		w.End(m)
	}
	w.String("type", h.Type)
	if h.Total >= 0 {
		w.Int("total", h.Total)
	}
	l := w.Array("link")
	for i := range h.Links {
		if h.Links[i].URL == "" {
			continue
		}
		m := w.Object("")
		w.String("relation", h.Links[i].Relation)
		w.String("url", h.Links[i].URL)
		w.End(m)
	}
	w.End(l)
	b.list = w.Array("entry")
	return b
}

// Begin begins an entry, of address base/resource/id, without address when base is
// empty. The caller then appends the resource to B, then ends the entry.
func (b *Bundle) Begin(base, resource, id string) {
	w := b.w
	b.entry = w.Object("")
	if base != "" {
		w.Key("fullUrl")
		w.B = AppendEscaped(append(w.B, '"'), base)
		w.B = append(append(w.B, '/'), resource...)
		w.B = append(append(append(w.B, '/'), id...), '"')
	}
	w.Key("resource")
}

// End ends an entry of a search.
func (b *Bundle) End(mode Mode) {
	w := b.w
	m := w.Object("search")
	w.String("mode", string(mode))
	w.End(m)
	w.End(b.entry)
}

// EndScored ends an entry of a search that says how near it is, in millionths.
func (b *Bundle) EndScored(mode Mode, score int64) {
	w := b.w
	m := w.Object("search")
	w.String("mode", string(mode))
	w.Decimal("score", score)
	w.End(m)
	w.End(b.entry)
}

// EndVersion ends an entry of a history: how the version came to be, and when.
// ref: FHIR R4 http §3.1.0.11
func (b *Bundle) EndVersion(method, url, status string, at int64) {
	w := b.w
	m := w.Object("request")
	w.String("method", method)
	w.String("url", url)
	w.End(m)
	m = w.Object("response")
	w.String("status", status)
	w.Instant("lastModified", at)
	w.End(m)
	w.End(b.entry)
}

// Close ends the Bundle.
func (b *Bundle) Close() {
	b.w.End(b.list)
	b.w.End(b.all)
}
