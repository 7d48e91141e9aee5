"""The demo's invented people, unions and news: everything made through the platform's own actions, then dated back."""
