package visiodroits_test

import (
	"errors"
	"net/http"

	"github.com/ecluse-sante/ecluse/certificat"
)

// juge is where a *certificat.Magasin stands in a program.
type juge = certificat.Magasin

// coupe is a network that is cut.
type coupe struct{}

func (coupe) RoundTrip(*http.Request) (*http.Response, error) {
	return nil, errors.New("réseau coupé")
}
