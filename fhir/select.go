package fhir

// subsetted is the tag of a resource that is not whole. ref: FHIR R4 search §3.1.1.5.8
const subsetted = `{"system":"http://terminology.hl7.org/CodeSystem/v3-ObservationValue","code":"SUBSETTED"}`

// AppendElements appends a resource with only those of its top-level elements that are
// named; resourceType, id and meta always stay, and meta says that the resource is not
// whole. The resource is one that a [Writer] wrote: it is not checked.
func AppendElements(dst, resource []byte, elements ...string) []byte {
	return subset(dst, resource, elements, true)
}

// AppendWithout is AppendElements with all the elements but those named.
func AppendWithout(dst, resource []byte, elements ...string) []byte {
	return subset(dst, resource, elements, false)
}

func subset(dst, resource []byte, elements []string, keep bool) []byte {
	w := Writer{B: append(dst, '{')}
	c := cursor{b: resource}
	tagged := false
	for c.open(); c.next(); {
		key := c.key()
		value := c.value()
		always := string(key) == "resourceType" || string(key) == "id" || string(key) == "meta"
		if !tagged && !(string(key) == "resourceType" || string(key) == "id") { // meta comes third
			tagged = true
			if string(key) == "meta" {
				w.meta(value)
				continue
			}
			w.meta([]byte("{}"))
		}
		if always || named(elements, key) == keep {
			w.Key(string(key))
			w.B = append(w.B, value...)
		}
	}
	if !tagged {
		w.meta([]byte("{}"))
	}
	return append(w.B, '}')
}

// named tells whether the list has an element, or the primitive whose sister it is.
func named(elements []string, key []byte) bool {
	if len(key) > 1 && key[0] == '_' {
		key = key[1:]
	}
	for _, e := range elements {
		if e == string(key) {
			return true
		}
	}
	return false
}

// meta writes the meta of a resource with the tag.
func (w *Writer) meta(meta []byte) {
	w.Key("meta")
	w.B = append(w.B, '{')
	c := cursor{b: meta}
	done := false
	for c.open(); c.next(); {
		key := c.key()
		value := c.value()
		w.Key(string(key))
		if string(key) != "tag" {
			w.B = append(w.B, value...)
			continue
		}
		w.B = append(w.B, value[:len(value)-1]...)
		w.comma()
		w.B = append(append(w.B, subsetted...), ']')
		done = true
	}
	if !done {
		w.Key("tag")
		w.B = append(append(append(w.B, '['), subsetted...), ']')
	}
	w.B = append(w.B, '}')
}
