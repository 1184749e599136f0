package tarif

import (
	"context"
	"log/slog"
	"time"
)

// PasDesTraces is how precisely the fine side says when something happened to it.
// ref: VISIO §10 rule 3
const PasDesTraces = time.Minute

// Estomper gives a log handler that rounds instants down to the minute, those of
// attributes too, so that a log is not joined to another by time. It is a net: no line
// is to be written for each request, of which the minute alone would often tell who.
func Estomper(h slog.Handler) slog.Handler { return estompe{h} }

type estompe struct{ slog.Handler }

// Handle rounds a record.
func (e estompe) Handle(ctx context.Context, r slog.Record) error {
	x := slog.NewRecord(r.Time.Truncate(PasDesTraces), r.Level, r.Message, r.PC)
	r.Attrs(func(a slog.Attr) bool {
		x.AddAttrs(arrondir(a))
		return true
	})
	return e.Handler.Handle(ctx, x)
}

// WithAttrs rounds the attributes of every record.
func (e estompe) WithAttrs(l []slog.Attr) slog.Handler {
	arrondis := make([]slog.Attr, len(l))
	for i, a := range l {
		arrondis[i] = arrondir(a)
	}
	return estompe{e.Handler.WithAttrs(arrondis)}
}

// WithGroup is that of the handler.
func (e estompe) WithGroup(nom string) slog.Handler { return estompe{e.Handler.WithGroup(nom)} }

func arrondir(a slog.Attr) slog.Attr {
	v := a.Value.Resolve()
	switch v.Kind() {
	case slog.KindTime:
		return slog.Time(a.Key, v.Time().Truncate(PasDesTraces))
	case slog.KindDuration: // how long a request took is an instant in disguise
		return slog.Duration(a.Key, v.Duration().Truncate(time.Second))
	case slog.KindGroup:
		l := make([]slog.Attr, 0, len(v.Group()))
		for _, x := range v.Group() {
			l = append(l, arrondir(x))
		}
		return slog.Attr{Key: a.Key, Value: slog.GroupValue(l...)}
	}
	return slog.Attr{Key: a.Key, Value: v}
}
