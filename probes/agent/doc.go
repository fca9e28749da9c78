// Package agent judges the agent that the integration acts as: its settings, and which teams it sees.
package agent
