package alerte

import (
	"strconv"
	"strings"

	"github.com/ecluse-sante/ecluse/internal/vigie"
)

// champMax bounds one value, so that a message holds in a datagram.
const champMax = 512

// CEF writes an event in the Common Event Format, version 0: a header of seven
// fields, then key=value pairs.
// ref: ArcSight Common Event Format, rev. 25, "Header information", "Character encoding"
func CEF(version string, e vigie.Evenement) string {
	var b strings.Builder
	b.WriteString("CEF:0")
	for _, champ := range []string{"Ecluse", "ecluse", version, string(e.Code), e.Code.Libelle(), strconv.Itoa(int(min(e.Gravite, 10)))} {
		b.WriteByte('|')
		b.WriteString(enTete.Replace(borner(champ)))
	}
	b.WriteString("|rt=" + strconv.FormatInt(e.Quand.UnixMilli(), 10))
	for _, p := range []struct{ cle, etiquette, valeur string }{
		{"cs1", "tenant", e.Tenant}, {"cs2", "structure", e.Structure}, {"msg", "", e.Detail},
	} {
		if p.valeur == "" {
			continue
		}
		if p.etiquette != "" {
			b.WriteString(" " + p.cle + "Label=" + p.etiquette)
		}
		b.WriteString(" " + p.cle + "=" + extension.Replace(borner(p.valeur)))
	}
	return b.String()
}

// In the header the bar separates, in the extension the equal sign does; a line
// end ends the event for most collectors.
var (
	enTete    = strings.NewReplacer(`\`, `\\`, `|`, `\|`, "\r\n", " ", "\n", " ", "\r", " ")
	extension = strings.NewReplacer(`\`, `\\`, `=`, `\=`, "\r\n", `\n`, "\n", `\n`, "\r", `\r`)
)

// borner cuts a value at a whole character and removes what is not text.
func borner(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	s = strings.Map(func(r rune) rune {
		if r < 0x20 && r != '\n' && r != '\r' || r == 0x7F {
			return ' '
		}
		return r
	}, s)
	if len(s) <= champMax {
		return s
	}
	return strings.ToValidUTF8(s[:champMax], "") + "…"
}
