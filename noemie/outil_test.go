package noemie_test

import (
	"reflect"

	"github.com/ecluse-sante/ecluse/noemie"
	"github.com/ecluse-sante/ecluse/noemie/zone"
)

// plier folds every text of an invoice, as the writer does.
func plier(f *noemie.Facture) { plierValeur(reflect.ValueOf(f).Elem()) }

func plierValeur(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		if s, ok := zone.Plier(v.String()); ok {
			v.SetString(s)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			plierValeur(v.Field(i))
		}
	case reflect.Slice:
		for i := range v.Len() {
			plierValeur(v.Index(i))
		}
	}
}
