/// How a language model is asked to bring a command: as a call of a tool, or in a reply that is JSON.
package enum ReplyForm: Sendable { case tools, json }
