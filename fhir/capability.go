package fhir

// Capability is what a CapabilityStatement says beyond the table.
type Capability struct {
	ID, URL, Version, Name, Title, Publisher string
	Date                                     int64 // milliseconds since 1970
	Description                              string
	Software, SoftwareVersion                string
	Security                                 string   // in words
	Guides                                   []string // implementation guides
	History                                  bool     // vread and history are served
	Operations                               []Operation
}

// AppendCapability appends the CapabilityStatement of the table in JSON.
// ref: FHIR R4 capabilitystatement
func (t *Table) AppendCapability(dst []byte, c *Capability) []byte {
	w := Writer{B: dst}
	all := w.Object("")
	w.String("resourceType", "CapabilityStatement")
	w.String("id", c.ID)
	w.String("url", c.URL)
	w.String("version", c.Version)
	w.String("name", c.Name)
	w.String("title", c.Title)
	w.String("status", "active")
	w.Instant("date", c.Date)
	w.String("publisher", c.Publisher)
	w.String("description", c.Description)
	w.String("kind", "instance")
	m := w.Object("software")
	w.String("name", c.Software)
	w.String("version", c.SoftwareVersion)
	w.End(m)
	m = w.Object("implementation")
	w.String("description", c.Title)
	w.String("url", t.Base)
	w.End(m)
	w.String("fhirVersion", "4.0.1")
	w.list("format", "application/fhir+json", "application/fhir+xml")
	w.list("implementationGuide", c.Guides...)
	rest, one := w.Array("rest"), w.Object("")
	w.String("mode", "server")
	m = w.Object("security")
	w.String("description", c.Security)
	w.End(m)
	a := w.Array("resource")
	for i := range t.Types {
		t.capability(&w, &t.Types[i], c.History)
	}
	w.End(a)
	w.operations(c.Operations)
	w.End(one)
	w.End(rest)
	w.End(all)
	return w.B
}

func (w *Writer) list(name string, l ...string) {
	a := w.Array(name)
	for _, s := range l {
		w.Item(s)
	}
	w.End(a)
}

func (w *Writer) operations(l []Operation) {
	a := w.Array("operation")
	for _, o := range l {
		m := w.Object("")
		w.String("name", o.Name)
		w.String("definition", o.Definition)
		w.End(m)
	}
	w.End(a)
}

// capability writes one resource.
func (t *Table) capability(w *Writer, r *Type, history bool) {
	all := w.Object("")
	w.String("type", r.Name)
	w.list("supportedProfile", r.Profiles...)
	a := w.Array("interaction")
	for _, code := range [...]string{"read", "search-type", "vread", "history-instance"} {
		if code == "vread" && !history {
			break
		}
		m := w.Object("")
		w.String("code", code)
		w.End(m)
	}
	w.End(a)
	w.String("versioning", "versioned")
	if history {
		w.Bool("readHistory", true)
	}
	w.list("searchInclude", append([]string{"*"}, r.inclusions(false)...)...)
	var to []string
	for i := range t.Types {
		to = append(to, t.Types[i].pointing(r.Name)...)
	}
	w.list("searchRevInclude", to...)
	a = w.Array("searchParam")
	for i := range r.Params {
		p := &r.Params[i]
		m := w.Object("")
		w.String("name", p.Name)
		w.String("type", p.Kind.String())
		w.String("documentation", p.Doc)
		w.End(m)
	}
	w.End(a)
	w.operations(r.Operations)
	w.End(all)
}

// pointing is the references of t to a resource, that _revinclude takes.
func (t *Type) pointing(resource string) (l []string) {
	for i := range t.Params {
		if p := &t.Params[i]; p.Reverse && contains(p.Targets, resource) {
			l = append(l, t.Name+":"+p.Name)
		}
	}
	return l
}
