package trame

// Opaque stands for a content that this program does not read: it is checked to
// be well formed and dropped. A relay reads the envelope of a message whose body
// it does not know with a *Opaque, and forwards the bytes it received, not what
// it would write.
type Opaque struct{}
