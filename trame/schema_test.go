package trame

import (
	"encoding/json"
	"os"
	"testing"
)

func TestVoir(t *testing.T) {
	p := Pour[Message[Corps]](espaceEssai)
	els := []Element{{Nom: "m", Plan: p}}
	os.WriteFile("/tmp/t.xsd", XSD(espaceEssai, els), 0o644)
	os.WriteFile("/tmp/t.md", Documentation(els), 0o644)
	b, _ := json.MarshalIndent(SchemaJSON(els), "", " ")
	os.WriteFile("/tmp/t.json", b, 0o644)
	os.WriteFile("/tmp/t.xml", p.AppendXML(nil, "m", exemple(t)), 0o644)
}
