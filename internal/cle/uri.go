package cle

import (
	"fmt"
	"net/url"
	"os"
	"strings"
)

// jeton is a key in a PKCS#11 token.
type jeton struct {
	Token  string // label of the token
	Objet  string // label of the key pair
	Module string // path of the PKCS#11 library
	PIN    string
}

// modulesConnus are tried when the address names no library.
var modulesConnus = []string{
	"/usr/lib/softhsm/libsofthsm2.so",
	"/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
	"/usr/lib64/pkcs11/libsofthsm2.so",
}

// lireURI reads the attributes of a pkcs11 address. ref: RFC 7512 §2.3
func lireURI(s string) (jeton, error) {
	var j jeton
	var fichierPIN string
	chemin, requete, _ := strings.Cut(s, "?")
	for _, a := range append(strings.Split(chemin, ";"), strings.Split(requete, "&")...) {
		if a == "" {
			continue
		}
		nom, v, ok := strings.Cut(a, "=")
		v, err := url.PathUnescape(v)
		if !ok || err != nil {
			return j, fmt.Errorf("%w: attribut %q illisible dans l'adresse pkcs11", ErrCle, nom)
		}
		switch nom {
		case "token":
			j.Token = v
		case "object":
			j.Objet = v
		case "module-path":
			j.Module = v
		case "pin-file", "pin-source":
			fichierPIN = strings.TrimPrefix(v, "file:")
		case "pin-value":
			return j, fmt.Errorf("%w: le code PIN ne s'écrit pas dans une adresse ; donner pin-file=/chemin", ErrCle)
		case "type": // of object: a key pair is always looked for
		default:
			return j, fmt.Errorf("%w: attribut %q non pris en charge dans une adresse pkcs11", ErrCle, nom)
		}
	}
	if j.Token == "" || j.Objet == "" || fichierPIN == "" {
		return j, fmt.Errorf("%w: une adresse pkcs11 donne token, object et pin-file", ErrCle)
	}
	return j.completer(fichierPIN)
}

func (j jeton) completer(fichierPIN string) (jeton, error) {
	b, err := os.ReadFile(fichierPIN)
	if err != nil {
		return j, fmt.Errorf("%w: %w", ErrCle, err)
	}
	if j.PIN = strings.TrimRight(string(b), "\r\n"); j.PIN == "" || len(j.PIN) > 256 {
		return j, fmt.Errorf("%w: %s ne contient pas un code PIN", ErrCle, fichierPIN)
	}
	if j.Module == "" {
		j.Module = ModuleConnu()
	}
	if j.Module == "" {
		return j, fmt.Errorf("%w: aucune bibliothèque PKCS#11 trouvée ; donner ?module-path=/chemin", ErrCle)
	}
	return j, nil
}

// ModuleConnu is the library used when an address names none, "" when the machine has none
// of those tried.
func ModuleConnu() string {
	for _, m := range modulesConnus {
		if _, err := os.Stat(m); err == nil {
			return m
		}
	}
	return ""
}
