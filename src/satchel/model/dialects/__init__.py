"""What tools speak: OpenAI's, Anthropic's and Gemini's ways to ask a model. Pure translations."""
