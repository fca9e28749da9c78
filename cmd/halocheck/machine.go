package main

import (
	"fmt"

	"github.com/halocheck/halocheck/internal/wire"
	"github.com/halocheck/halocheck/probes"
)

// warnAboutProxy says that a proxy of the environment is not used, so that nobody takes its answers for the instance's.
func warnAboutProxy(env environment, s *probes.Session) {
	if s.Net.Proxy != nil {
		return
	}
	for _, name := range wire.ProxyVariables {
		if env.getenv(name) != "" {
			printMessage(env.err, fmt.Errorf("%s is set and not used: halocheck connects from this machine itself; --proxy env connects through the proxy", name))
			return
		}
	}
}
