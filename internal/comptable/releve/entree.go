package releve

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/ecluse-sante/ecluse/internal/comptable"
)

// etranger names the formats that are given by mistake.
var etranger = []struct{ debut, nom string }{
	{"PK\x03\x04", "une archive ZIP ou un classeur"}, {"PK\x05\x06", "une archive ZIP"}, {"\x1f\x8b", "un fichier gzip"}, {"BZh", "un fichier bzip2"},
	{"\xfd7zXZ\x00", "un fichier xz"}, {"7z\xbc\xaf\x27\x1c", "une archive 7z"}, {"Rar!", "une archive RAR"}, {"\x28\xb5\x2f\xfd", "un fichier zstd"},
	{"%PDF", "un document PDF"}, {"\xd0\xcf\x11\xe0", "un ancien classeur"},
}

// ouvrir refuses what is neither CSV nor XML from its first bytes, and skips the
// mark of UTF-8.
func ouvrir(r io.Reader, taille int) (*bufio.Reader, error) {
	b := bufio.NewReaderSize(r, taille)
	debut, err := b.Peek(8)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	for _, x := range etranger {
		if bytes.HasPrefix(debut, []byte(x.debut)) {
			return nil, &comptable.Refus{Code: comptable.FichierCompresse, Detail: "Ce fichier est " + x.nom + " : donner le relevé lui-même."}
		}
	}
	switch {
	case len(debut) == 0:
		return nil, &comptable.Refus{Code: comptable.FichierVide, Detail: "Le fichier est vide."}
	case bytes.HasPrefix(debut, []byte("\xff\xfe")), bytes.HasPrefix(debut, []byte("\xfe\xff")), bytes.IndexByte(debut, 0) >= 0:
		return nil, &comptable.Refus{Code: comptable.Encodage, Detail: "Le fichier est en UTF-16, ou n'est pas un texte. " + convertir}
	case bytes.HasPrefix(debut, []byte("\xef\xbb\xbf")):
		_, err := b.Discard(3)
		return b, err
	}
	return b, nil
}

// convertir says what to do of a file in an encoding that is not read.
const convertir = "L'enregistrer en « CSV UTF-8 » depuis le tableur, ou le convertir : iconv -f ENCODAGE -t UTF-8 RELEVÉ > RELEVÉ.utf8, où ENCODAGE est celui de la banque (UTF-16, CP850, MACINTOSH…)."

// alphabet decodes a file, all of it in one encoding.
type alphabet int

const (
	indecis alphabet = iota // only ASCII so far
	utf
	windows
)

// decoder gives the text of a line; false when it holds what its encoding has not,
// or control characters.
func (a *alphabet) decoder(b []byte) (string, bool) {
	ascii := true
	for _, c := range b {
		if c < ' ' && c != '\t' && c != '\n' || c == 0x7f {
			return "", false
		}
		ascii = ascii && c < utf8.RuneSelf
	}
	if ascii {
		return string(b), true
	}
	if *a == indecis {
		*a = windows
		if utf8.Valid(b) {
			*a = utf
		}
	}
	if *a == utf {
		return string(b), utf8.Valid(b)
	}
	return windows1252(b)
}

// deplaces are the accented letters of MS-DOS and of the Macintosh, read as
// Windows-1252: no French heading has them.
const deplaces = "‚Š‡ˆŽƒ"

// autre tells a heading that was in another encoding than the one it was read in.
func (a alphabet) autre(noms []string) bool {
	return a == windows && slices.ContainsFunc(noms, func(n string) bool { return strings.ContainsAny(n, deplaces) })
}

// hauts are the characters that Windows-1252 has from 0x80 to 0x9f, where
// ISO 8859-1 has none; five are not assigned.
const hauts = "€\x00‚ƒ„…†‡ˆ‰Š‹Œ\x00Ž\x00\x00‘’“”•–—˜™š›œ\x00žŸ"

func windows1252(b []byte) (string, bool) {
	table := []rune(hauts)
	r := make([]rune, len(b))
	for i, c := range b {
		r[i] = rune(c)
		if c >= 0x80 && c < 0xa0 {
			if r[i] = table[c-0x80]; r[i] == 0 {
				return "", false
			}
		}
	}
	return string(r), true
}
