package noemie

import "bytes"

// signatures are the beginnings of what people send by mistake.
var signatures = []struct {
	debut string
	motif Motif
	nom   string
}{
	{"\x1f\x8b", MotifCompresse, "gzip"},
	{"PK\x03\x04", MotifCompresse, "zip"},
	{"PK\x05\x06", MotifCompresse, "zip"},
	{"BZh", MotifCompresse, "bzip2"},
	{"\xfd7zXZ", MotifCompresse, "xz"},
	{"7z\xbc\xaf", MotifCompresse, "7z"},
	{"(\xb5/\xfd", MotifCompresse, "zstd"},
	{"Rar!", MotifCompresse, "rar"},
	{"\xff\xfe", MotifEncodage, "UTF-16"},
	{"\xfe\xff", MotifEncodage, "UTF-16"},
	{"\xef\xbb\xbf", MotifEncodage, "UTF-8 avec marque d'ordre"},
	{"0\x000", MotifEncodage, "UTF-16"},
	{"\x000\x00", MotifEncodage, "UTF-16"},
	{"\xf0\xf0\xf0", MotifEncodage, "EBCDIC"}, // 000 in EBCDIC
	{"%PDF", MotifFormat, "PDF"},
	{"<?xml", MotifFormat, "XML"},
}

// reconnaitre looks at the beginning of a file; nil when it is the header entity.
func reconnaitre(b []byte) *Erreur {
	if len(b) == 0 {
		return &Erreur{Motif: MotifVide, Entite: aucunType}
	}
	for _, s := range signatures {
		if bytes.HasPrefix(b, []byte(s.debut)) {
			return &Erreur{Motif: s.motif, Ligne: 1, Entite: aucunType, Champ: s.nom}
		}
	}
	if !bytes.HasPrefix(b, []byte("000")) {
		return &Erreur{Motif: MotifFormat, Ligne: 1, Entite: aucunType}
	}
	return nil
}
