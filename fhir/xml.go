package fhir

import (
	"bytes"
)

// AppendXML appends a resource of JSON as XML: the same elements in the same order,
// which is that of the definition when a [Writer] was called so. A character that XML
// cannot hold becomes U+FFFD. The error is an [*Error]; what was appended is then to be
// thrown away. ref: FHIR R4 xml, json
func AppendXML(dst, resource []byte) ([]byte, error) {
	if err := check(resource); err != nil {
		return dst, err
	}
	x := transcoder{dst: dst}
	h, err := x.head(resource)
	if err == nil {
		err = x.resource(resource, &h, ` xmlns="http://hl7.org/fhir"`)
	}
	return x.dst, err
}

type transcoder struct{ dst []byte }

// head is what must be known of an object before it is written.
type head struct {
	kind, id, url []byte
	sisters       bool // some members are the sisters of primitives
}

func (x *transcoder) head(object []byte) (h head, err error) {
	c := cursor{b: object}
	n := 0
	for c.open(); c.next(); n++ {
		key := c.key()
		value := c.value()
		switch {
		case len(key) == 0 || n == maxMembers:
			return h, refuse(CodeStructure, "", "un objet de la ressource a un élément sans nom, ou plus de 1000 éléments")
		case key[0] == '_':
			h.sisters = true
		case string(key) == "resourceType":
			h.kind = value
		case string(key) == "id":
			h.id = value
		case string(key) == "url":
			h.url = value
		}
	}
	return h, nil
}

// resource writes an object that names its type as the element of that name.
func (x *transcoder) resource(object []byte, h *head, space string) error {
	if len(h.kind) < 2 || h.kind[0] != '"' || !ElementName(string(h.kind[1:len(h.kind)-1])) {
		return refuse(CodeStructure, "", "la ressource ne dit pas son type dans resourceType")
	}
	name := h.kind[1 : len(h.kind)-1]
	x.dst = append(append(append(append(x.dst, '<'), name...), space...), '>')
	if err := x.members(object, h, ofResource); err != nil {
		return err
	}
	x.close(name)
	return nil
}

func (x *transcoder) close(name []byte) {
	x.dst = append(append(append(x.dst, "</"...), name...), '>')
}

// owner is what an object is: its id, or its url, may be an attribute that its element
// already has.
type owner uint8

const (
	ofElement owner = iota
	ofResource
	ofExtension
)

// members writes those of an object.
func (x *transcoder) members(object []byte, h *head, o owner) error {
	c := cursor{b: object}
	for c.open(); c.next(); {
		key, sibling := c.key(), []byte(nil)
		value := c.value()
		if key[0] == '_' {
			if member(object, key[1:], false) != nil {
				continue // written with its primitive
			}
			key, value, sibling = key[1:], nil, value
		} else if h.sisters && isPrimitive(value) {
			sibling = member(object, key, true)
		}
		switch {
		case !ElementName(string(key)):
			return refuse(CodeStructure, "", "un nom d'élément de la ressource n'en est pas un")
		case string(key) == "resourceType" && o == ofResource, string(key) == "id" && o != ofResource, string(key) == "url" && o == ofExtension:
			continue
		}
		if err := x.repeat(key, value, sibling); err != nil {
			return err
		}
	}
	return nil
}

// isPrimitive tells whether a value may have a sister with its id and extensions.
func isPrimitive(v []byte) bool {
	if v[0] == '[' {
		c := cursor{b: v}
		if c.open(); !c.next() {
			return false
		}
		return v[c.i] != '{' && v[c.i] != '['
	}
	return v[0] != '{'
}

// member is the value of a member of an object, or that of its sister, whose name begins
// with _; nil when there is none. ref: FHIR R4 json §2.6.2.2
func member(object, name []byte, sister bool) []byte {
	c := cursor{b: object}
	for c.open(); c.next(); {
		k := c.key()
		v := c.value()
		if sister {
			if len(k) == 0 || k[0] != '_' {
				continue
			}
			k = k[1:]
		}
		if bytes.Equal(k, name) {
			return v
		}
	}
	return nil
}

// repeat writes an element, or one for each item of an array beside that of its sister.
func (x *transcoder) repeat(key, value, sibling []byte) error {
	if (value == nil || value[0] != '[') && (sibling == nil || sibling[0] != '[') {
		return x.element(key, value, sibling)
	}
	v, s := items(value), items(sibling)
	for {
		value, more := v.item()
		sibling, also := s.item()
		if !more && !also {
			return nil
		}
		if err := x.element(key, value, sibling); err != nil {
			return err
		}
	}
}

// list walks over an array; a value that is none has itself as only item.
type list struct {
	cursor
	alone []byte
	on    bool
}

func items(v []byte) list {
	if v == nil || v[0] != '[' {
		return list{alone: v}
	}
	l := list{cursor: cursor{b: v}, on: true}
	l.open()
	return l
}

func (l *list) item() ([]byte, bool) {
	if !l.on {
		v := l.alone
		l.alone = nil
		return v, v != nil
	}
	if l.on = l.next(); !l.on {
		return nil, false
	}
	return l.value(), true
}

// element writes one element: an object, a nested resource, or a primitive.
func (x *transcoder) element(key, value, sibling []byte) error {
	if value != nil && value[0] == 'n' {
		value = nil
	}
	if sibling != nil && sibling[0] != '{' {
		sibling = nil
	}
	switch {
	case value == nil && sibling == nil:
		return nil
	case value != nil && value[0] == '[':
		return refuse(CodeStructure, "", "un tableau de la ressource en contient un autre")
	case value != nil && value[0] == '{':
		return x.object(key, value)
	case string(key) == "div" && value != nil && value[0] == '"':
		return x.div(value[1 : len(value)-1])
	}
	return x.primitive(key, value, sibling)
}

func (x *transcoder) object(key, object []byte) error {
	h, err := x.head(object)
	if err != nil {
		return err
	}
	x.dst = append(append(x.dst, '<'), key...)
	if h.kind != nil {
		x.dst = append(x.dst, '>')
		if err := x.resource(object, &h, ""); err != nil {
			return err
		}
		x.close(key)
		return nil
	}
	o := ofElement
	if string(key) == "extension" || string(key) == "modifierExtension" {
		o = ofExtension
		x.attribute("url", h.url)
	}
	return x.content(key, object, &h, o)
}

// content ends the beginning of an element and writes the members of an object in it.
func (x *transcoder) content(key, object []byte, h *head, o owner) error {
	x.attribute("id", h.id)
	x.dst = append(x.dst, '>')
	from := len(x.dst)
	if err := x.members(object, h, o); err != nil {
		return err
	}
	x.finish(key, from)
	return nil
}

// finish closes an element, as <name/> when nothing was put in it.
func (x *transcoder) finish(key []byte, from int) {
	if len(x.dst) == from {
		x.dst = append(x.dst[:from-1], "/>"...)
		return
	}
	x.close(key)
}

func (x *transcoder) primitive(key, value, sibling []byte) error {
	x.dst = append(append(x.dst, '<'), key...)
	x.attribute("value", value)
	if sibling == nil {
		x.dst = append(x.dst, "/>"...)
		return nil
	}
	h, err := x.head(sibling)
	if err != nil {
		return err
	}
	return x.content(key, sibling, &h, ofElement)
}
