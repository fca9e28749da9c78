package wire

import "errors"

// ErrForbidden is the error of a dialer whose owner does not allow a connection: nothing was tried.
var ErrForbidden = errors.New("this server does not connect there")
